package dev.cetera.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.InternalAuthenticateRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.auth.Hashing;
import dev.cetera.auth.Identity;
import dev.cetera.auth.Rights;
import dev.cetera.logs.Log;
import dev.cetera.token.Tokens;
import java.util.function.Supplier;

/// Exchanges passwords for tokens, and tokens for names. Checking a password takes as long as hundreds of
/// other requests, so it is done by a few workers, and who finds them all busy with a long line before them is
/// sent away. The password itself never leaves this member: the log says only who got a token.
///
/// Shared: it has no state.
final class Authentication {
    /// Passwords are checked again when the rights have changed meanwhile; whoever changes them so fast that
    /// this is not enough keeps everybody out anyhow.
    private static final int MOST_TRIES = 10;

    /// No password fits it. Where there is no such user this is checked instead, so that it takes as long.
    private static final ByteString NOBODYS_HASH =
            ByteString.copyFromUtf8("$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5DUyLbVnwzAEhDV2MjmJIg5pKVY1y");

    private static final Log LOG = Log.of("auth");
    private static final Log SERVER_LOG = Log.of("etcdserver");

    private final Engine engine;
    private final Supplier<Rights> rights;
    private final Tokens tokens;
    private final Hashing hashing;
    private final LongWork work;

    /// @param work checks passwords
    Authentication(Engine engine, LongWork work) {
        this.engine = engine;
        this.rights = engine.machine().accounts()::now;
        this.tokens = engine.tokens();
        this.hashing = engine.hashing();
        this.work = work;
    }

    /// Finds out whom a token was given to. One that says it was made known by an entry which is not applied
    /// here is waited for.
    void identify(String token, Answer<Caller> answer) {
        long index = tokens.knownFrom(token);
        if (index < 0) {
            answer.refused(Refusal.INVALID_TOKEN);
        } else if (index <= engine.appliedIndex()) {
            read(token, answer);
        } else {
            engine.whenApplied(index, new Answer<>() {
                @Override
                public void done(Long applied) {
                    read(token, answer);
                }

                @Override
                public void refused(Refusal why) {
                    answer.refused(Refusal.INVALID_TOKEN);
                }
            });
        }
    }

    private void read(String token, Answer<Caller> answer) {
        var claim = tokens.read(token);
        if (claim == null) {
            answer.refused(Refusal.INVALID_TOKEN);
        } else {
            answer.done(
                    claim.revision() == Tokens.ANY_REVISION
                            ? new Caller.Named(claim.user())
                            : new Caller.Dated(claim.user(), claim.revision()));
        }
    }

    void authenticate(AuthenticateRequest request, Answer<AuthenticateResponse> answer) {
        engine.linearize(new Answer<>() {
            @Override
            public void done(Long index) {
                attempt(request, 1, answer);
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    private void attempt(AuthenticateRequest request, int tries, Answer<AuthenticateResponse> answer) {
        var under = rights.get();
        if (!under.enabled()) {
            answer.refused(Refusal.AUTH_NOT_ENABLED);
            return;
        }
        work.later(answer, () -> {
            var hash = under.passwordHash(request.getName());
            boolean fits = hashing.matches(hash == null ? NOBODYS_HASH : hash, request.getPassword());
            if (hash == null || !fits) {
                LOG.notice("authentication failed, invalid password for user " + request.getName());
                SERVER_LOG.error("invalid authentication request to user " + request.getName() + " was issued");
                answer.refused(Refusal.AUTH_FAILED);
            } else {
                var fresh = tokens.issue(request.getName(), under.revision());
                if (fresh == null) {
                    answer.refused(Refusal.AUTH_FAILED);
                } else {
                    propose(request, under, fresh, tries, answer);
                }
            }
        });
    }

    private void propose(
            AuthenticateRequest request,
            Rights under,
            Tokens.Fresh fresh,
            int tries,
            Answer<AuthenticateResponse> answer) {
        var logged = InternalAuthenticateRequest.newBuilder()
                .setName(request.getName())
                .setSimpleToken(fresh.logged());
        engine.propose(InternalRaftRequest.newBuilder().setAuthenticate(logged), Identity.NOBODY, new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                switch (outcome) {
                    case Outcome.Done<? extends Message>(var response) -> {
                        var token = fresh.signed().isEmpty()
                                ? ((AuthenticateResponse) response).getToken()
                                : fresh.signed();
                        give(request, under, token, tries, answer);
                    }
                    case Outcome.Refused<? extends Message>(var why) -> answer.refused(why);
                }
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    /// The password may have been another one's by the time the log said yes.
    private void give(
            AuthenticateRequest request, Rights under, String token, int tries, Answer<AuthenticateResponse> answer) {
        if (rights.get().revision() == under.revision()) {
            answer.done(AuthenticateResponse.newBuilder().setToken(token).build());
        } else if (tries < MOST_TRIES) {
            LOG.info("revision when password checked is obsolete, retrying");
            attempt(request, tries + 1, answer);
        } else {
            answer.refused(Refusal.OLD_AUTH_REVISION);
        }
    }
}
