"""The set policy: an order-independent network that places users one after another."""
