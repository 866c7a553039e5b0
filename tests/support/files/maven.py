"""What was counted in the files of the Maven set, as of the end of 2017."""

STALLED_BY_DIRECTOR = {
    "Summer Sewald": 305,
    "Celia Rouche": 257,
    "Melvin Marxen": 213,
    "Dustin Brinkmann": 190,
    "Cara Losch": 169,
    "Rocco Neubert": 157,
}
