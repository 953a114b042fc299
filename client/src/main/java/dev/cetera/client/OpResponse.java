package dev.cetera.client;

/// The answer to one [Op]. Those inside a transaction's answer have a header with nothing but the revision.
public sealed interface OpResponse permits GetResponse, PutResponse, DeleteResponse, TxnResponse {
    Header header();
}
