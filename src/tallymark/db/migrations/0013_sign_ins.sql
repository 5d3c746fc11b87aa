-- Attempts to sign in have numbers, so that those of one instant have an order.
ALTER TABLE sign_ins
    ADD sign_in_id bigint GENERATED ALWAYS AS IDENTITY,
    ADD PRIMARY KEY (user_id, sign_in_id);
