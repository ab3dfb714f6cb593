-- The tables that bench/run prints.
SET search_path = bench, public;

CREATE VIEW results AS
  SELECT c.position AS place, c.what, c.against, c.wanted, r.ours, r.theirs, r.theirs / r.ours AS ratio, r.least, r.most
  FROM cases c
  JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY o.microseconds) AS ours,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY t.microseconds) AS theirs,
           min(t.microseconds / o.microseconds) AS least, max(t.microseconds / o.microseconds) AS most
    FROM rounds o JOIN rounds t USING (id, round)
    WHERE o.side = 'ours' AND t.side = 'theirs' AND id = c.id
    HAVING count(*) > 0
  ) r ON true;

CREATE FUNCTION shown(value double precision) RETURNS text LANGUAGE sql AS $$
  SELECT to_char(value, CASE WHEN value < 10 THEN 'FM990.00' WHEN value < 100 THEN 'FM990.0' ELSE 'FM99999990' END)
$$;
CREATE FUNCTION texts() RETURNS TABLE (place integer, what text, against text, ours text, theirs text, ratio text,
                                       spread text, wanted text)
  LANGUAGE sql AS $$
  SELECT place, what, against, bench.shown(ours), bench.shown(theirs), bench.shown(ratio) || '×',
         bench.shown(least) || '–' || bench.shown(most), coalesce('≥ ' || wanted || '×' || CASE WHEN ratio < wanted THEN ', missed' ELSE '' END, '')
  FROM bench.results
$$;

CREATE FUNCTION text_table() RETURNS TABLE (line text) LANGUAGE sql AS $$
  SELECT rpad(what, 47) || rpad(against, 25) || lpad(ours, 8) || lpad(theirs, 9) || lpad(ratio, 9) || lpad(spread, 15)
         || '  ' || wanted
  FROM (SELECT 0 AS place, 'what' AS what, 'against' AS against, 'ours' AS ours, 'theirs' AS theirs,
               'ratio' AS ratio, 'spread' AS spread, 'wanted' AS wanted
        UNION ALL SELECT * FROM bench.texts()) t
  ORDER BY place
$$;
CREATE FUNCTION markdown_table() RETURNS TABLE (line text) LANGUAGE sql AS $$
  SELECT '| ' || concat_ws(' | ', what, against, ours, theirs, ratio, spread, wanted) || ' |'
  FROM bench.texts()
  ORDER BY place
$$;

-- One bar a size, its length in proportion to the time; the scale is the work's own. Where the work itself grows, also
-- the nanoseconds for each rule or byte.
CREATE FUNCTION text_growth(of text) RETURNS TABLE (line text) LANGUAGE sql AS $$
  WITH medians AS (
    SELECT work, size, percentile_cont(0.5) WITHIN GROUP (ORDER BY microseconds) AS took
    FROM bench.growth WHERE what = of GROUP BY work, size)
  SELECT line FROM (
    SELECT DISTINCT work, 0 AS size, work || ', µs' || CASE of WHEN 'rules' THEN ', ns a rule'
           WHEN 'bytes' THEN ', ns a byte' ELSE '' END AS line FROM medians
    UNION ALL
    SELECT work, size, lpad(to_char(size, 'FM99,999,999'), 10) || ' ' || lpad(bench.shown(took), 7) || ' '
           || CASE WHEN of IN ('providers', 'tenants', 'rotation', 'access', 'log') THEN '' ELSE lpad(bench.shown(took * 1000 / size), 7) || ' ' END
           || repeat('#', (50 * took / max(took) OVER (PARTITION BY work))::integer)
    FROM medians) lines
  ORDER BY work, size
$$;
