-- ensure_months --
-- Every month that the shop may have sold in, with a day to spare for its time zone.
SELECT ensure_months(%(until)s::timestamptz - make_interval(months => %(months)s + 1), %(until)s::timestamptz + interval '1 day')
