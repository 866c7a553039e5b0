"""What the demo brings along: the cast in people.yaml, the receiver, and the standard sale in a hurry."""

from pathlib import Path

import requests

from dealflow.adapters.people.reader import load_people
from dealflow.adapters.processes.reader import load_process
from dealflow.demo.cast import DIRECTOR, SELLER, USER, write_cast
from dealflow.demo.receiver import Arrived, receiving
from dealflow.demo.templates import HASTY_STAGE, NAME, write_hasty_sale
from tests.support.paths import PROCESS_DEFS

STANDARD = PROCESS_DEFS / "standard-sale.yaml"


def test_the_user_may_act_for_seller_and_director_and_owns_nothing(tmp_path: Path) -> None:
    file = tmp_path / "home" / "people.yaml"
    user = write_cast(file, "root", "json://127.0.0.1:1/")
    people = load_people(file)
    assert user.id == USER and people.by_user == {"root": USER}
    assert people.may_act_for(USER, SELLER) and people.may_act_for(USER, DIRECTOR)
    director = people.director_of(SELLER)
    assert director is not None and director.id == DIRECTOR
    assert [channel.id for channel in director.channels] == ["webhook", "file"]


def test_again_only_the_webhook_is_another(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    write_cast(file, "root", "json://127.0.0.1:1/")
    before = load_people(file)
    write_cast(file, "root", "json://127.0.0.1:2/")
    after = load_people(file)
    assert {id_ for id_ in after.people if after.people[id_] != before.people[id_]} == {DIRECTOR}
    assert after.people[DIRECTOR].channels[0].url == "json://127.0.0.1:2/"


def test_a_user_who_is_somebody_already_stays_who_he_is(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(
        "people:\n  - {id: boss, name: Boss, role: director, users: [root], acts_for: [anna]}\n  - {id: anna, name: Anna}\n"
    )
    user = write_cast(file, "root", "json://127.0.0.1:1/")
    assert user.id == "boss" and user.acts_for == ("anna", SELLER, DIRECTOR)
    people = load_people(file)
    assert set(people.people) == {"boss", "anna", SELLER, DIRECTOR} and people.people["boss"].role == "director"


def test_the_receiver_tells_what_arrived_under_which_key_until_it_is_gone() -> None:
    with receiving() as receiver:
        url = f"http://127.0.0.1:{receiver.port}/"
        body = {"title": "A stall", "message": "d-1 has stalled"}
        assert requests.post(url, json=body, headers={"Idempotency-Key": "k/1"}, timeout=5).status_code == 200
        assert receiver.next() == Arrived("k/1", "A stall", "d-1 has stalled", 200)
        assert receiver.next() is None
        assert requests.post(url, data=b"no json", timeout=5).status_code == 400
        receiver.gone = True
        assert requests.post(url, json=body, timeout=5).status_code == 410


def test_the_hasty_sale_is_the_standard_sale_but_for_one_limit(tmp_path: Path) -> None:
    hasty, problems = load_process(write_hasty_sale(STANDARD, tmp_path))
    standard, _ = load_process(STANDARD)
    assert hasty is not None and standard is not None, problems
    assert hasty.name == NAME and str(hasty.stage(HASTY_STAGE).clocks["stage_age"].limit) == "6 seconds"
    stages = [
        stage.model_copy(update={"clocks": standard.stage(stage.id).clocks}) if stage.id == HASTY_STAGE else stage
        for stage in hasty.stages
    ]
    assert (
        hasty.model_copy(update={"name": standard.name, "title": standard.title, "stages": tuple(stages)}) == standard
    )
