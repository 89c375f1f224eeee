"""Synthetic use of technology at each stage of trafficking, of some victims of the demonstration: invented, it measures nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

_RECORDED = 0.6  # share of victims of whom it is recorded
_SHIFT = 2020  # from this year on more of it is used
_MORE = 1.35
_CHANCE = {  # stage, technology -> chance among those recorded, before the shift
    ("RECRUIT", "SOCIAL"): 0.30,
    ("RECRUIT", "MESSAGING"): 0.18,
    ("RECRUIT", "JOBSITE"): 0.12,
    ("RECRUIT", "DATING"): 0.06,
    ("TRANSIT", "MESSAGING"): 0.14,
    ("TRANSIT", "MAPS_GPS"): 0.09,
    ("CONTROL", "MESSAGING"): 0.27,
    ("CONTROL", "MAPS_GPS"): 0.08,
    ("EXPLOIT", "ADS_SITE"): 0.22,
    ("EXPLOIT", "LIVESTREAM"): 0.05,
    ("PAYMENT", "MOBILE_MONEY"): 0.16,
    ("PAYMENT", "CRYPTO"): 0.03,
}


def demonstration_technology(victim: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return the synthetic table ``victim_technology``, not yet completed.

    Parameters
    ----------
    victim : DataFrame
        The synthetic victims, left as they are.
    rng : Generator
        Where chance comes from: one of its own, so that this changes no other table.
    """
    recorded = victim[rng.random(len(victim)) < _RECORDED]
    more = np.where(recorded["first_contact_date"].dt.year >= _SHIFT, _MORE, 1.0)
    rows = []
    for (stage, code), chance in _CHANCE.items():
        used = recorded.loc[rng.random(len(recorded)) < chance * more, "victim_id"]
        rows.append(pd.DataFrame({"victim_id": used, "stage": stage, "code": code}))
    told = pd.concat(rows, ignore_index=True)
    nothing = recorded.loc[~recorded["victim_id"].isin(told["victim_id"]), "victim_id"]
    return pd.concat([told, pd.DataFrame({"victim_id": nothing, "stage": "RECRUIT", "code": "NONE"})], ignore_index=True)
