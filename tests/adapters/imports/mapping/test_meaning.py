"""What a mapping means is one thing, however it is written, and can be read again."""

from pathlib import Path

from dealflow.adapters.files.located_yaml import read_tree
from dealflow.adapters.imports.mapping.meaning import as_yaml, meaning_of, without_values_of

WRITTEN = """# as exported on Mondays
source: crm
process: sale@1
dates: ['%d/%m/%Y']
facts:
  by: state
  values:
    'Permit *': [{stage: b}]
    Won: [{outcome: won, at: won}]
    'Permit REJECTED *': []
    '': []
    else: []
deal: {id: id, title: '{id}: 商机', opened: ~}
corrections: {state: {Wonn: Won}, phone: {'1': '2'}}
"""
OTHERWISE = """
"process": sale@1
source: 'crm'
corrections:
  phone: {"1": "2"}
  state: {Wonn: Won}
deal:
  opened:
  id: id
  title: "{id}: 商机"
dates:
- "%d/%m/%Y"
facts:
  values:
    "": []
    else: []
    Permit *: [{stage: b}]
    Permit REJECTED *: []
    Won: [{at: won, outcome: won}]
  by: state
"""


def meaning(folder: Path, text: str) -> dict[str, object]:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    tree, problems = read_tree(path)
    assert tree is not None and not problems.found
    found = meaning_of(tree)
    assert isinstance(found, dict)
    return found


def test_comments_quotes_and_the_order_of_keys_mean_nothing(tmp_path: Path) -> None:
    assert meaning(tmp_path, WRITTEN) == meaning(tmp_path, OTHERWISE)


def test_another_format_and_another_order_of_patterns_mean_something_else(tmp_path: Path) -> None:
    assert meaning(tmp_path, WRITTEN) != meaning(tmp_path, WRITTEN.replace("%d/%m", "%m/%d"))
    first, second = "    'Permit *': [{stage: b}]\n", "    'Permit REJECTED *': []\n"
    turned = WRITTEN.replace(second, "").replace(first, second + first)
    assert meaning(tmp_path, WRITTEN) != meaning(tmp_path, turned)


def test_the_meaning_is_a_mapping_again(tmp_path: Path) -> None:
    found = meaning(tmp_path, WRITTEN)
    shown = as_yaml(found)
    assert shown.startswith("source: crm\nprocess: sale@1\n") and "商机" in shown
    assert meaning(tmp_path, shown) == found


def test_corrections_of_a_personal_column_are_left_out(tmp_path: Path) -> None:
    kept = without_values_of(meaning(tmp_path, WRITTEN), {"phone"})
    assert kept["corrections"] == {"state": {"Wonn": "Won"}, "phone": {}}


def test_yes_no_and_numbers_come_back_as_they_were_written(tmp_path: Path) -> None:
    written = "source: crm\nfull: true\nmost: 7\ncodes: ['7', 007, 'true']\n"
    found = meaning(tmp_path, written)
    assert found == {"source": "crm", "full": True, "most": 7, "codes": ["7", "007", "true"]}
    assert meaning(tmp_path, as_yaml(found)) == found
