-- Test functions: for the way between C++ and the server, for the two holders of JSON, and for stopping long work
-- half-way. Not part of the product: some leak on purpose.

CREATE FUNCTION llm_admin_test.fail(kind text) RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_fail';
COMMENT ON FUNCTION llm_admin_test.fail(text) IS
  'Fails in the named way while C++ objects are alive; what survives its error returns what it caught.';

CREATE FUNCTION llm_admin_test.live_objects() RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_live_objects';
COMMENT ON FUNCTION llm_admin_test.live_objects() IS
  'C++ objects of fail() that this backend has not destroyed.';

CREATE FUNCTION llm_admin_test.made_objects() RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_made_objects';
COMMENT ON FUNCTION llm_admin_test.made_objects() IS
  'C++ objects of fail() that this backend has made so far.';

CREATE FUNCTION llm_admin_test.interrupt_holdoff() RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_interrupt_holdoff';
COMMENT ON FUNCTION llm_admin_test.interrupt_holdoff() IS 'InterruptHoldoffCount of this backend.';

CREATE FUNCTION llm_admin_test.cancel_holdoff() RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_cancel_holdoff';
COMMENT ON FUNCTION llm_admin_test.cancel_holdoff() IS 'QueryCancelHoldoffCount of this backend.';

CREATE FUNCTION llm_admin_test.critical_sections() RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_critical_sections';
COMMENT ON FUNCTION llm_admin_test.critical_sections() IS 'CritSectionCount of this backend.';

CREATE FUNCTION llm_admin_test.rss_kb() RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_rss_kb';
COMMENT ON FUNCTION llm_admin_test.rss_kb() IS 'Resident memory of this backend (VmRSS), in kB.';

CREATE FUNCTION llm_admin_test.top_memory_bytes() RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_top_memory_bytes';
COMMENT ON FUNCTION llm_admin_test.top_memory_bytes() IS
  'Memory in TopMemoryContext and everything below it.';

CREATE FUNCTION llm_admin_test.compare_views(seed bigint, cpu_seconds integer)
RETURNS TABLE (what text, times bigint, finding text)
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_compare_views';
COMMENT ON FUNCTION llm_admin_test.compare_views(bigint, integer) IS
  'Runs random mappings over trees and over jsonb for so much CPU time, at least one: what they reached, and, in the '
  'row "findings", the first difference.';

CREATE FUNCTION llm_admin_test.stop_at(name text, action text, after integer DEFAULT 0) RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_stop_at';
COMMENT ON FUNCTION llm_admin_test.stop_at(text, text, integer) IS
  'When this session comes to the stop point of that name, having passed it so often: kill (SIGKILL to itself), error, '
  'wait (for advisory lock 35) or note (nothing); once.';

CREATE FUNCTION llm_admin_test.set_clock(at timestamptz) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_set_clock';
COMMENT ON FUNCTION llm_admin_test.set_clock(timestamptz) IS
  'The time that limits go by in this session from now on; NULL for the server''s.';

CREATE FUNCTION llm_admin_test.disturb_sigchld(how text) RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_disturb_sigchld';
COMMENT ON FUNCTION llm_admin_test.disturb_sigchld(text) IS
  'Leaves SIGCHLD "ignored", "reaped by a handler" or at its default in this session.';

CREATE FUNCTION llm_admin_test.sigchld() RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_sigchld';
COMMENT ON FUNCTION llm_admin_test.sigchld() IS 'How SIGCHLD is handled in this session.';

CREATE FUNCTION llm_admin_test.stop_points() RETURNS TABLE (name text, passed bigint)
LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_stop_points';
COMMENT ON FUNCTION llm_admin_test.stop_points() IS
  'Stop points that this session has come to since stop_at(), and how often.';

CREATE FUNCTION llm_admin_test.rounds(kind text, rounds integer,
  OUT raised integer, OUT differing integer, OUT state text, OUT message text, OUT detail text, OUT hint text)
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  s text;
  m text;
  d text;
  h text;
BEGIN
  raised := 0;
  differing := 0;
  FOR n IN 1 .. rounds LOOP
    BEGIN
      PERFORM llm_admin_test.fail(kind);
    -- OTHERS leaves out cancellation.
    EXCEPTION WHEN query_canceled OR OTHERS THEN
      GET STACKED DIAGNOSTICS
        s = RETURNED_SQLSTATE, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
      raised := raised + 1;
      IF state IS NULL THEN
        state := s;
        message := m;
        detail := d;
        hint := h;
      ELSIF (s, m, d, h) IS DISTINCT FROM (state, message, detail, hint) THEN
        differing := differing + 1;
      END IF;
    END;
  END LOOP;
END
$$;
COMMENT ON FUNCTION llm_admin_test.rounds(text, integer) IS
  'Calls fail() so often, each time in a subtransaction: the first error in full, how many were unlike it.';

CREATE FUNCTION llm_admin_test.pose_as_older_library() RETURNS boolean
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_test_pose_as_older_library';
COMMENT ON FUNCTION llm_admin_test.pose_as_older_library() IS
  'Defines a setting that the library of 0.3 has, and none of those that came later.';
CREATE FUNCTION llm_admin_test.mismatch(kind text) RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_mismatch';
COMMENT ON FUNCTION llm_admin_test.mismatch(text) IS
  'Hands values over the bridge to the server as something they are not, in the named way.';

CREATE FUNCTION llm_admin_test.result(kind text, OUT a text, OUT b integer, OUT c jsonb) RETURNS record
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_result';
COMMENT ON FUNCTION llm_admin_test.result(text) IS 'A row of other columns than it is declared to have, in the named way.';

CREATE FUNCTION llm_admin_test.results(kind text) RETURNS TABLE (a text, b integer, c jsonb)
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_results';
COMMENT ON FUNCTION llm_admin_test.results(text) IS 'The same as a set.';

CREATE FUNCTION llm_admin_test.arguments(a text, b integer, c boolean, d jsonb) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS 'MODULE_PATHNAME', 'llm_admin_test_arguments';
COMMENT ON FUNCTION llm_admin_test.arguments(text, integer, boolean, jsonb) IS 'What it reads of its arguments.';
