"""The subject: victims, modus operandi and prosecution as tidy tables of estimates, for one country and period."""
