"""Files that would make a careless reader of YAML crash, hang or eat the memory: content, place and rule of the problem."""

from dealflow.adapters.files.located_yaml import MAX_BYTES

BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (c + 1, c + 1, c, c) for c in range(97, 120))

HOSTILE = [
    ("aliases", BOMB, "2:8", "alias"),
    ("size", b"x" * (MAX_BYTES + 1), "1:1", "too-large"),
    ("open brackets", b"[" * 5000, "1:41", "too-deep"),
    ("open braces", b"{" * 5000, "1:41", "too-deep"),
    ("dashes", b"- " * 4000, "1:81", "too-deep"),
    ("keys", b"".join(b"k%d: v\n" % i for i in range(15_000)), "10000:8", "too-large"),
    ("lines", b"a\n" * 100_000, "20000:1", "too-large"),
    ("a long line", b"a: " + b"x" * 20_000, "1:1", "too-large"),
    ("a long tag", b"a: !" + b"x" * 900_000, "1:1", "too-large"),
    ("tabs", b"a:\n\t- 1\n", "2:1", "yaml"),
    ("a tag that builds objects", b"process: !!python/object/apply:os.system [ls]\n", "1:10", "tag"),
    ("a merge key", b"<<: {process: x}\n", "1:1", "merge"),
    ("a doubled key", b"process: x\nprocess: y\n", "2:1", "doubled-key"),
    ("a list as a key", b"? [a]\n: b\n", "1:3", "key"),
    ("two documents", b"process: x\n---\nprocess: y\n", "2:1", "documents"),
    ("nothing", b"", "1:1", "empty"),
    ("only a comment", b"# x\n", "1:1", "empty"),
    ("UTF-16", "process: x".encode("utf-16"), "1:1", "encoding"),
    ("Latin-1", b"process: x\ntitle: caf\xe9\n", "2:11", "encoding"),
    ("GB 18030", "title: 销售".encode("gb18030"), "1:8", "encoding"),
    ("a control character", b"process: x\ntitle: a\x00b\n", "2:9", "character"),
    ("an escape for a terminal", b'title: "a\\u001b[2J"\n', "1:8", "character"),
    ("a bidirectional override", "title: a\u202eb\n".encode(), "1:9", "character"),
    ("a lone surrogate", b'title: "\\ud83d"\n', "1:8", "character"),
    ("a list", b"- a\n- b\n", "1:1", "type"),
    ("a word", b"hello\n", "1:1", "type"),
    ("an open bracket", b"process: [x\n", "2:1", "yaml"),
]
