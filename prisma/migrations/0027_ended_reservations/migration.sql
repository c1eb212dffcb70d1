-- Its place is taken by reservations_live_idx. This one also had those that have ended, and PostgreSQL took it for as good as the
-- primary key: to find one reservation, it read all of the customer's.
DROP INDEX public.reservations_customer_key_ended_at_id_idx;
