package dev.cetera.peer;

/// What is counted about the traffic between members. Shared: any thread; nothing blocks.
public interface PeerMeters {
    /// Bytes of messages went out.
    void sent(long to, long bytes);

    /// Bytes of messages came in; `from` is 0 when it could not be told.
    void received(long from, long bytes);

    /// A message for `to` was lost on this side.
    void sendFailed(long to);

    /// A message was refused or not understood.
    void receiveFailed(long from);

    /// A probe was answered.
    void roundTrip(long to, long nanos);

    /// A database begins to be sent; [#snapshotSent] follows.
    default void snapshotSending(long to) {}

    /// A database was sent; `arrived` says whether the other side has it.
    void snapshotSent(long to, boolean arrived, long nanos);

    /// A database begins to come in; [#snapshotReceived] follows.
    default void snapshotReceiving(long from) {}

    /// A database came in; `saved` says whether it is whole and durable.
    void snapshotReceived(long from, boolean saved, long nanos);

    PeerMeters NONE = new PeerMeters() {
        @Override
        public void sent(long to, long bytes) {}

        @Override
        public void received(long from, long bytes) {}

        @Override
        public void sendFailed(long to) {}

        @Override
        public void receiveFailed(long from) {}

        @Override
        public void roundTrip(long to, long nanos) {}

        @Override
        public void snapshotSent(long to, boolean arrived, long nanos) {}

        @Override
        public void snapshotReceived(long from, boolean saved, long nanos) {}
    };
}
