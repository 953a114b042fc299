package dev.cetera.ctl.command;

/// Whom a long command tells how far it is.
interface Progress extends AutoCloseable {
    /// Nobody looks on.
    Progress UNSEEN = new Progress() {
        @Override
        public void add(long more) {}

        @Override
        public void close() {}
    };

    void add(long more);

    @Override
    void close();
}
