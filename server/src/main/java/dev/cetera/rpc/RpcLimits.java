package dev.cetera.rpc;

/// How much one request may be. Immutable.
///
/// @param maxTxnOps       operations or compares of one branch of a transaction
/// @param maxRequestBytes of a proposal
public record RpcLimits(int maxTxnOps, int maxRequestBytes) {
    /// What a message may be larger than the proposal it turns into.
    private static final int MESSAGE_OVERHEAD_BYTES = 512 * 1024;

    /// Of a message as it arrives.
    public int maxMessageBytes() {
        return maxRequestBytes + MESSAGE_OVERHEAD_BYTES;
    }
}
