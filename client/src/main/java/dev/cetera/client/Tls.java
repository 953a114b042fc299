package dev.cetera.client;

import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/// TLS to the members. Files are PEM; keys may be PKCS#8, PKCS#1 or SEC1, without a password. Files are read
/// again for new connections when they have changed.
///
/// @param context goes before all files
/// @param authorities who must have signed the members' certificates; empty for those that Java trusts
/// @param certificate this side's, with those between it and its authority
/// @param key of the certificate
/// @param serverName what the members' certificates must be good for; empty for each endpoint's own host
public record Tls(
        Optional<SSLContext> context,
        Optional<Path> authorities,
        Optional<Path> certificate,
        Optional<Path> key,
        Optional<String> serverName,
        Verification verification) {
    /// What is asked of members' certificates.
    public enum Verification {
        FULL,
        /// Nothing: whoever is in between can read and change everything.
        NONE
    }

    /// With the authorities that Java trusts.
    public static Tls system() {
        return new Tls(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Verification.FULL);
    }

    public static Tls of(SSLContext context) {
        return new Tls(
                Optional.of(context),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Verification.FULL);
    }

    public static Tls trusting(Path authorities) {
        return system().withAuthorities(authorities);
    }

    public Tls withAuthorities(Path file) {
        return new Tls(context, Optional.of(file), certificate, key, serverName, verification);
    }

    public Tls withCertificate(Path certificateFile, Path keyFile) {
        return new Tls(
                context, authorities, Optional.of(certificateFile), Optional.of(keyFile), serverName, verification);
    }

    public Tls withServerName(String name) {
        return new Tls(context, authorities, certificate, key, Optional.of(name), verification);
    }

    /// For trials only.
    public Tls withoutVerification() {
        return new Tls(context, authorities, certificate, key, serverName, Verification.NONE);
    }
}
