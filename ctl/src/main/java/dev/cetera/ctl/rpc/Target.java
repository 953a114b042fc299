package dev.cetera.ctl.rpc;

import dev.cetera.client.Client;
import dev.cetera.client.Tls;
import dev.cetera.client.transport.Security;
import dev.cetera.client.transport.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which cluster to call, and how to get there.
///
/// @param login null to call without one
public record Target(
        List<String> endpoints,
        Duration dialTimeout,
        Duration keepAliveTime,
        Duration keepAliveTimeout,
        Encryption encryption,
        Settings.@Nullable Login login) {
    public Target {
        endpoints = List.copyOf(endpoints);
    }

    /// What TLS needs.
    ///
    /// @param wanted also for endpoints that don't ask for it by their scheme
    /// @param serverName what certificates must be good for; null for each endpoint's own name
    public record Encryption(
            @Nullable Path authorities,
            @Nullable Path certificate,
            @Nullable Path key,
            @Nullable String serverName,
            Wanted wanted,
            Checks checks) {}

    /// Whether connections are encrypted.
    public enum Wanted {
        ALWAYS,
        FOR_HTTPS
    }

    /// Whether certificates are looked at.
    public enum Checks {
        ALL,
        NONE
    }

    /// A client for it, logged in if there is a login.
    public Client client() {
        var builder = Client.builder()
                .endpoints(endpoints)
                .dialTimeout(dialTimeout)
                .keepAlive(keepAliveTime, keepAliveTimeout);
        if (encryption.wanted() == Wanted.ALWAYS) {
            var checks = encryption.checks() == Checks.ALL ? Security.Checks.ALL : Security.Checks.NONE;
            var tls = Tls.of(
                    Security.context(encryption.authorities(), encryption.certificate(), encryption.key(), checks));
            builder.tls(encryption.serverName() == null ? tls : tls.withServerName(encryption.serverName()));
        }
        if (login != null) {
            builder.login(login.user(), login.password());
        }
        return builder.connect();
    }

    public Target at(List<String> others) {
        return new Target(others, dialTimeout, keepAliveTime, keepAliveTimeout, encryption, login);
    }

    public Target with(Encryption other) {
        return new Target(endpoints, dialTimeout, keepAliveTime, keepAliveTimeout, other, login);
    }

    public Target withoutLogin() {
        return new Target(endpoints, dialTimeout, keepAliveTime, keepAliveTimeout, encryption, null);
    }
}
