package dev.cetera.client;

/// Whether an answer or event brings what was there before the change.
public enum Previous {
    LEFT_OUT,
    RETURNED
}
