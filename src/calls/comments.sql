COMMENT ON TABLE llm_admin.llm_calls IS 'Calls that were begun and are not finished, and what they hold of limits';
COMMENT ON TABLE llm_admin.sender_tickets IS 'Tickets for the headers of open calls, each good for one redemption within a minute';
COMMENT ON FUNCTION llm_admin.begin_call(pg_catalog.json, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Before the call of a vendor: key, tenant, tier, access, account, limits and price in one; gives the request to send';
COMMENT ON FUNCTION llm_admin.finish_call(pg_catalog.uuid, pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.jsonb) IS 'After the call of a vendor: reads the answer, logs usage and cost once, settles limits, and says what may follow';
COMMENT ON FUNCTION llm_admin.extend_call(pg_catalog.uuid, pg_catalog.int4) IS 'Moves the deadline of an open call to so many milliseconds from now; it is never brought forward';
COMMENT ON FUNCTION llm_admin.expire_calls(pg_catalog.int4) IS 'Ends calls whose deadline has passed: limits are released, and the log has a row of kind expired; how many';
COMMENT ON FUNCTION llm_admin.explain_call(pg_catalog.uuid) IS 'One page on a call, open or ended: whose key and why, limits met, price, each meter, attempts';
COMMENT ON FUNCTION llm_admin.open_sender_ticket(pg_catalog.uuid) IS 'A one-time ticket, good for a minute, that a role of level sender redeems for the headers of an open call';
COMMENT ON FUNCTION llm_admin.redeem_sender_ticket(pg_catalog.text) IS 'The headers of an open call, with its key, for its ticket; once';
