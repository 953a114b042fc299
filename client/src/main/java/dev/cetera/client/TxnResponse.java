package dev.cetera.client;

import java.util.List;

/// What a [Txn] did.
///
/// @param succeeded whether all comparisons held
/// @param responses one for each operation of the branch that was taken, in its order
public record TxnResponse(Header header, boolean succeeded, List<OpResponse> responses) implements OpResponse {
    public TxnResponse {
        responses = List.copyOf(responses);
    }

    /// The answer to the operation at `index`, which was a get.
    public GetResponse get(int index) {
        return (GetResponse) responses.get(index);
    }
}
