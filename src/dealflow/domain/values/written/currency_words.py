"""Signs and words for currencies: which currencies bear each, and which name one as exactly as its code does."""

import re

_DOLLARS = "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD"
# Several currencies bear these, so the deal or its template says which is meant.
SIGNS: dict[str, frozenset[str]] = {
    word: frozenset(codes.split())
    for words, codes in (
        ("¥", "CNY JPY"),
        ("元 圆 圓 块 块钱 元整 圆整", "CNY HKD TWD MOP"),
        ("dollar dollars", _DOLLARS),
        ("$", f"{_DOLLARS} ARS CLP COP MXN UYU"),
        ("£ pound pounds", "GBP EGP FKP GIP LBP SDG SHP SSP SYP"),
        ("€ euro euros", "EUR"),
        ("₹", "INR"),
        ("rs rs. rupee rupees", "INR LKR MUR NPR PKR SCR"),
        ("₩ 원", "KRW KPW"),
        ("kr kr.", "DKK ISK NOK SEK"),
        ("fr fr. sfr sfr. francs", "CHF"),
        ("₽ руб руб. р.", "RUB"),
        ("₺", "TRY"),
        ("₴ грн грн.", "UAH"),
        ("₫", "VND"),
        ("฿", "THB"),
        ("₱", "PHP"),
        ("₪", "ILS"),
        ("₦", "NGN"),
        ("₸", "KZT"),
        ("zł", "PLN"),
        ("kč", "CZK"),
        ("ft", "HUF"),
        ("lei", "RON"),
        ("rp rp.", "IDR"),
        ("rm", "MYR"),
    )
    for word in words.split()
}  # fmt: skip
NAMES: dict[str, str] = {
    word: code
    for words, code in (
        ("rmb cn¥ 人民币 人民幣 元人民币 yuan", "CNY"),
        ("us$ usd$ 美元 美金", "USD"),
        ("hk$ 港元 港币 港幣", "HKD"),
        ("nt$ 台币 臺幣 新台币 新臺幣", "TWD"),
        ("jp¥ 日元 日圆 日圓 円 yen", "JPY"),
        ("欧元 歐元", "EUR"),
        ("英镑 英鎊", "GBP"),
        ("a$ au$ 澳元", "AUD"),
        ("c$ ca$ 加元", "CAD"),
        ("s$ sg$ 新加坡元", "SGD"),
        ("nz$", "NZD"),
        ("r$", "BRL"),
        ("瑞士法郎", "CHF"),
        ("韩元 韓元", "KRW"),
    )
    for word in words.split()
}
_WORDS = sorted((*SIGNS, *NAMES), key=len, reverse=True)
# A code comes first: KRW is not `kr` and one letter more.
WORD = rf"(?:[a-z]{{3}}(?![a-z])|{'|'.join(map(re.escape, _WORDS))})"
