/*
title = "Expense breakdown"
description = "What was spent on what, the largest first."
formula = "percentage = amount / all expenses x 100"
source = "On-demand analytics refresh, calculateExpenseBreakdown"
shape = "rows"
window = "all"
ttl = 300
prewarm = [{}]
ready = "published"

[columns]
category = { kind = "text", doc = "The expenses' category." }
amount = { kind = "money", doc = "What was spent on it." }
count = { kind = "count", min = 1, doc = "How many expenses." }
percentage = { kind = "percent", nullable = true, doc = "Of all expenses; unknown where they come to 0." }
*/
SELECT
    category,
    sum(amount) AS amount,
    sum(expenses) AS count,
    sum(amount) * 100 / nullif(sum(sum(amount)) OVER (), 0) AS percentage
FROM expense_day
WHERE tenant_id = %(tenant)s
  AND day BETWEEN %(from)s AND %(to)s
  AND (%(platform)s = 'all' OR platform = %(platform)s)
GROUP BY category
ORDER BY amount DESC, category
