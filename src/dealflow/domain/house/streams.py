"""The names of the streams that hold the versions of the house."""

PEOPLE_STREAM = "house/people"
CALENDARS_STREAM = "house/calendars"
FOLLOWED_STREAM = "house/followed"
HOUSE_STREAMS = "house/"
