"""An amount as people write it: what is read, what is refused with both readings, and never more than it says."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.values.currencies import CURRENT, WITHDRAWN
from dealflow.domain.values.money import MAX_MINOR, Money, exponent
from dealflow.domain.values.written.amount import is_plain_amount, read_amount
from dealflow.domain.values.written.digits import DecimalMark


def read(written: str, template: str = "CNY", deal: str | None = None, mark: DecimalMark | None = None) -> str:
    return str(read_amount(written, template, deal, mark=mark))


def refusal(written: str, template: str = "CNY", deal: str | None = None, mark: DecimalMark | None = None) -> str:
    with pytest.raises(ValueError) as error:  # noqa: PT011  each test looks at the sentence
        read_amount(written, template, deal, mark=mark)
    return str(error.value)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("50000", "50,000.00 CNY"),
        ("5,000.00 CNY", "5,000.00 CNY"),
        ("1,234", "1,234.00 CNY"),
        ("1,234 EUR", "1,234.00 EUR"),
        ("-5", "-5.00 CNY"),
        ("+5", "5.00 CNY"),
        ("1,000 hrk", "1,000.00 HRK"),
        ("0.500", "0.50 CNY"),
        ("1234.500", "1,234.50 CNY"),
        ("5.0000", "5.00 CNY"),
        ("12.500 KWD", "12.500 KWD"),
        ("12.5 KWD", "12.500 KWD"),
    ],
)
def test_the_plain_form_is_read_and_needs_no_word(written: str, amount: str) -> None:
    assert read(written) == amount
    assert is_plain_amount(written)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("180000元", "180,000.00 CNY"),
        ("¥180,000", "180,000.00 CNY"),
        ("￥180,000", "180,000.00 CNY"),
        ("元 5", "5.00 CNY"),
        ("5块", "5.00 CNY"),
        ("18万", "180,000.00 CNY"),
        ("18万元", "180,000.00 CNY"),
        ("１８万", "180,000.00 CNY"),
        ("18 万 元", "180,000.00 CNY"),
        ("18萬", "180,000.00 CNY"),
        ("1.5亿", "150,000,000.00 CNY"),
        ("1亿2000万", "120,000,000.00 CNY"),
        ("3万5千", "35,000.00 CNY"),
        ("18万5000", "185,000.00 CNY"),
        ("3千", "3,000.00 CNY"),
        ("5百万", "5,000,000.00 CNY"),
        ("1,234,500万", "12,345,000,000.00 CNY"),
        ("12.34万", "123,400.00 CNY"),
        ("12.3456万", "123,456.00 CNY"),
        ("0.125万", "1,250.00 CNY"),
        ("RMB 5", "5.00 CNY"),
        ("RMB ¥5", "5.00 CNY"),
        ("人民币18万元", "180,000.00 CNY"),
        ("5元人民币", "5.00 CNY"),
        ("18万 RMB", "180,000.00 CNY"),
        ("US$ 5", "5.00 USD"),
        ("5美元", "5.00 USD"),
        ("¥5 JPY", "5 JPY"),
        ("5k", "5,000.00 CNY"),
        ("USD 1.5 million", "1,500,000.00 USD"),
        ("1 234,50 EUR", "1,234.50 EUR"),
        ("1\u00a0234,50 EUR", "1,234.50 EUR"),
        ("1\u202f234,50 EUR", "1,234.50 EUR"),
        ("1'234.50", "1,234.50 CNY"),
        ("1\u2019234,50", "1,234.50 CNY"),
        ("1.234,56", "1,234.56 CNY"),
        ("1.234.567", "1,234,567.00 CNY"),
        ("1 234", "1,234.00 CNY"),
        ("１８０，０００．５０元", "180,000.50 CNY"),
        ("－5", "-5.00 CNY"),
        ("0,00", "0.00 CNY"),
        ("1,00,000", "100,000.00 CNY"),
        ("1.234.567,89", "1,234,567.89 CNY"),
        ("€ 50.000,00 EUR", "50,000.00 EUR"),
        ("5kUSD", "5,000.00 USD"),
        ("\u22125", "-5.00 CNY"),
        ("-¥5", "-5.00 CNY"),
        ("¥-5", "-5.00 CNY"),
    ],
)
def test_what_people_write_is_read_and_told(written: str, amount: str) -> None:
    assert read(written) == amount
    assert not is_plain_amount(written)


@pytest.mark.parametrize(("written", "amount"), [("1,23,456", "123,456.00"), ("12,34,567.50", "1,234,567.50")])
def test_the_indian_way_of_grouping_is_read(written: str, amount: str) -> None:
    assert read(written, "INR") == f"{amount} INR"


@pytest.mark.parametrize(
    ("written", "one", "other"),
    [
        ("1,5", "1.50 CNY", "15.00 CNY"),
        ("-1,5", "-1.50 CNY", "-15.00 CNY"),
        ("1,12", "1.12 CNY", "112.00 CNY"),
        ("0,99", "0.99 CNY", "99.00 CNY"),
        ("1234,56", "1,234.56 CNY", "123,456.00 CNY"),
        ("7,5 EUR", "7.50 EUR", "75.00 EUR"),
        ("0,500", "0.50 CNY", "500.00 CNY"),
        ("１，５", "1.50 CNY", "15.00 CNY"),
        ("12.500 EUR", "12.50 EUR", "12,500.00 EUR"),
        ("1.000", "1.00 CNY", "1,000.00 CNY"),
        ("1.234", "1.234 CNY", "1,234.00 CNY"),
        ("12.500 JPY", "12.500 JPY", "12,500 JPY"),
        ("1,234 KWD", "1.234 KWD", "1,234.000 KWD"),
        ("18,0000", "18.00 CNY", "180,000.00 CNY"),
        ("1,5万", "15,000.00 CNY", "150,000.00 CNY"),
        ("18万5", "180,005.00 CNY", "185,000.00 CNY"),
        *(
            (f"{number}{word}", f"{times * 1.234:,.2f} CNY", f"{times * 1234:,.2f} CNY")
            for number in ("1.234", "1,234")
            for word, times in (("k", 10**3), ("千", 10**3), (" million", 10**6), ("万", 10**4), ("亿", 10**8))
        ),
        ("1.234 lakh", "123,400.00 CNY", "123,400,000.00 CNY"),
        ("1,234 crore", "12,340,000.00 CNY", "12,340,000,000.00 CNY"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_both(written: str, one: str, other: str) -> None:
    assert f"two ways, as {one} or as {other}: write the one that is meant" in refusal(written)


@pytest.mark.parametrize(
    ("mark", "written", "amount"),
    [
        ("comma", "1,5", "1.50 CNY"),
        ("comma", "1234,56", "1,234.56 CNY"),
        ("comma", "12.500", "12,500.00 CNY"),
        ("comma", "12.500,25 EUR", "12,500.25 EUR"),
        ("comma", "12 500,25", "12,500.25 CNY"),
        ("comma", "0,500", "0.50 CNY"),
        ("comma", "1,5万", "15,000.00 CNY"),
        ("comma", "1.234万", "12,340,000.00 CNY"),
        ("comma", "1,234k", "1,234.00 CNY"),
        ("point", "1.234万", "12,340.00 CNY"),
        ("point", "1,234万", "12,340,000.00 CNY"),
        ("point", "12.500", "12.50 CNY"),
        ("point", "1,234", "1,234.00 CNY"),
        ("point", "1,234 KWD", "1,234.000 KWD"),
    ],
)
def test_a_mark_that_is_declared_leaves_one_reading(mark: DecimalMark, written: str, amount: str) -> None:
    assert read(written, mark=mark) == amount


@pytest.mark.parametrize(
    ("mark", "written"),
    [("comma", "1.5"), ("comma", "1,234"), ("comma", "1,234.50"), ("point", "1,5"), ("point", "1.234,5")],
)
def test_what_the_declared_mark_does_not_allow_is_refused(mark: DecimalMark, written: str) -> None:
    assert refusal(written, mark=mark)


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "many", "¥", "1,2,3", "1,,000", ",5", "5.", ".5", "1.234.56", "1,234 567", "12 34", "1,2345,6789", "12,345,6",
        "1e5", "5²", "①", "٥", "½", "--5", "-¥-5", "~5", "5+", "5-6", "5元5角", "1.5万3千", "3千5万", "5m", "18w", "5 billion",
        "十八万", "5 EUR USD", "$5 CNY", "5 QQ", "0x10", "1_000", "NaN", "5 CNY CNY CNY", "1" * 61,
    ],
)  # fmt: skip
def test_anything_else_is_refused(written: str) -> None:
    assert refusal(written)


@pytest.mark.parametrize("written", ["(5)", "(1,234.50)", "5-", "5.00-", "(¥5)"])
def test_a_negative_amount_has_its_minus_in_front(written: str) -> None:
    assert "minus in front" in refusal(written)


@pytest.mark.parametrize("written", ["5000,-", "5.000,-", "EUR 5000.-"])
def test_a_dash_in_the_place_of_cents_is_not_taken_for_a_minus(written: str) -> None:
    assert "minus" not in refusal(written) and "is not an amount such as" in refusal(written)


@pytest.mark.parametrize("written", ["5.001", "1.00000001", "0." + "0" * 40 + "1", "5.5 JPY", "1.2345万5"])
def test_no_amount_is_rounded(written: str) -> None:
    assert refusal(written)


@pytest.mark.parametrize("written", ["10000000000000.01", "9" * 50, "9999万亿", "99999999亿"])
def test_an_amount_beyond_the_bounds_is_refused(written: str) -> None:
    assert refusal(written)


@pytest.mark.parametrize(
    ("written", "deal", "template", "currency"),
    [
        ("¥5", "JPY", "CNY", "JPY"),
        ("¥5", "EUR", "CNY", "CNY"),
        ("¥5", None, "CNY", "CNY"),
        ("$5", "AUD", "USD", "AUD"),
        ("$5", "CNY", "USD", "USD"),
        ("5元", "HKD", "CNY", "HKD"),
        ("€5", "EUR", "CNY", "EUR"),
        ("5", "EUR", "CNY", "CNY"),
        ("5 USD", "EUR", "CNY", "USD"),
        ("5美元", "EUR", "CNY", "USD"),
    ],
)
def test_a_sign_means_the_currency_that_bears_it(written: str, deal: str | None, template: str, currency: str) -> None:
    assert read_amount(written, template, deal).currency == currency


def test_a_sign_that_neither_bears_is_refused_with_both_named() -> None:
    assert refusal("$5", "CNY", "EUR") == (
        "'$5': $ is a sign neither of EUR, in which the deal is, nor of CNY, the template's: write the code"
    )
    assert refusal("€5", "CNY") == "'€5': € is not a sign of CNY: write the code"


@pytest.mark.parametrize(
    ("written", "meant"), [("5 UDS", "USD"), ("5 CNX", "CNY"), ("5 EUO", "EUR"), ("5 PLZ", "PLN"), ("5 QQQ", None)]
)
def test_a_code_that_there_is_not_is_told_with_the_nearest(written: str, meant: str | None) -> None:
    assert refusal(written).endswith(f"ISO 4217 (did you mean {meant}?)" if meant else "ISO 4217")


@pytest.mark.parametrize("template", ["usd", "USD", "Usd"])
def test_the_currency_of_another_cell_is_read_as_one_in_the_text(template: str) -> None:
    assert read("5", template) == "5.00 USD"
    assert read("5", "rmb") == "5.00 CNY"
    assert "XYZ is not a currency" in refusal("5", "XYZ")


def test_a_number_alone_needs_a_template() -> None:
    with pytest.raises(ValueError, match="names no currency"):
        read_amount("5", None)


def test_what_was_a_currency_in_its_time_is_one() -> None:
    assert not CURRENT & WITHDRAWN


amounts = st.builds(
    Money,
    minor=st.integers(-MAX_MINOR, MAX_MINOR),
    currency=st.sampled_from(["CNY", "USD", "EUR", "JPY", "KWD", "CLF"]),
)


@given(amounts)
def test_every_amount_reads_back_from_its_own_text(amount: Money) -> None:
    assert read_amount(str(amount), None) == amount
    assert is_plain_amount(str(amount))


@given(amounts, st.sampled_from([" ", "'", "\u00a0", "\u202f", "."]), st.booleans())
def test_every_amount_reads_back_with_a_decimal_comma(amount: Money, grouping: str, is_before: bool) -> None:
    number, code = str(amount).split()
    swapped = number.translate({ord(","): grouping, ord("."): ","})
    written = f"{code} {swapped}" if is_before else f"{swapped}{code}"
    assert read_amount(written, None, mark="comma") == amount


@given(
    st.integers(0, 10**9),
    st.sampled_from(["", ",", " "]),
    st.sampled_from(["¥{}", "{}元", "RMB{}", "{} CNY", "人民币 {}"]),
)
def test_every_amount_reads_back_with_signs_and_full_width(yuan: int, grouping: str, form: str) -> None:
    written = form.format(f"{yuan:,}".replace(",", grouping))
    full_width = written.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    for each in (written, full_width):
        assert read_amount(each, "CNY") == Money(minor=yuan * 100, currency="CNY")


@given(
    st.integers(1, 9_999), st.sampled_from([("万", 4), ("千", 3), ("亿", 8), ("百万", 6), ("k", 3), (" million", 6)])
)
def test_every_multiple_reads_back(count: int, word: tuple[str, int]) -> None:
    assert read_amount(f"{count}{word[0]}", "CNY").minor == count * 10 ** (word[1] + 2)


_POWERS = {"百": 2, "千": 3, "万": 4, "亿": 8, "k": 3}


@given(st.text(st.sampled_from("0123456789,.' 万千亿百k¥元"), min_size=1, max_size=14))
def test_no_text_is_read_as_more_than_its_digits_say(written: str) -> None:
    try:
        minor = read_amount(written, "CNY").minor
    except ValueError:
        return
    digits = "".join(re.findall(r"\d", written))
    point = re.search(r"\.(\d{1,2}|\d{4,})(?!\d)[^.\d]*$", written)
    most = Decimal(digits).scaleb(-len(point[1]) if point else 0)
    powers = sum(_POWERS.get(char, 0) for char in written)
    assert Decimal(minor).scaleb(-exponent("CNY")) <= most.scaleb(powers)


@pytest.mark.parametrize("currency", sorted(CURRENT))
def test_an_amount_of_any_currency_reads_back_as_it_is_shown(currency: str) -> None:
    for minor in (1, 999, 1_000, 1_234_567, 10**12):
        amount = Money(minor=minor, currency=currency)
        assert read_amount(str(amount), "CNY") == amount
