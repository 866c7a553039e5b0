"""The currencies of ISO 4217: those in force, and those that history may still hold."""

import re

from dealflow.domain.values.suggest import nearest

# List one, published 2026-01-01.
CURRENT = frozenset(
    re.findall(
        r"\w+",
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
        "CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
        "GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
        "LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
        "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
        "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD "
        "XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG",
    )
)
# Of list three, withdrawn since 1999: an import may bring amounts of its time.
WITHDRAWN = frozenset(
    re.findall(
        r"\w+",
        "AFA ANG ATS AZM BEF BGN BYR CSD CUC CYP DEM ECS EEK ESP FIM FRF GHC GRD GWP HRK IEP ITL LTL LUF LVL MGF "
        "MRO MTL MZM NLG PTE ROL RUR SDD SIT SKK SLL SRG STD TMM TPE TRL VEB VEF YUM ZMK ZWD ZWL",
    )
)
# The likelier ones first: most codes differ by one letter from several.
_COMMON = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "CHF", "CAD", "AUD", "SGD", "INR", "KRW")

_SORTED = tuple(sorted(CURRENT))


def is_currency(code: str) -> bool:
    """Whether it is, or was, the code of a currency; capital letters only."""
    return code in CURRENT or code in WITHDRAWN


def nearest_currency(code: str) -> str | None:
    """The code that was probably meant."""
    return nearest(code, _COMMON) or nearest(code, _SORTED)
