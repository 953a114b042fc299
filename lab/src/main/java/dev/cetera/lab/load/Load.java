package dev.cetera.lab.load;

import java.time.Duration;

/// Clients that keep asking as long as the [Meter] admits it.
interface Load extends AutoCloseable {
    /// Sets the clients going and returns.
    void start();

    /// True once no client has anything in flight and none will ask again.
    boolean idle();

    /// Ends streams and gives back what the load took on the server.
    @Override
    void close();

    /// How long [#idle] may take after the meter has stopped.
    Duration DRAIN = Duration.ofSeconds(15);
}
