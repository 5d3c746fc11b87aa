"""Customer lifetime value: models of how often customers come back and what they spend, fitted once a local day.

`fit_lifetime` fits one tenant's platforms and stores what metrics read: the parameters, how well they foretold the
recent past, and the purchases and sales to expect of everybody.
"""

from tallymark.lifetime.fit import fit_lifetime

__all__ = ["fit_lifetime"]
