package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AuthDisableRequest;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.model.Access;
import dev.cetera.lab.model.Access.Use;
import dev.cetera.lab.model.KeyRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// What etcd promises of users and their rights, for whoever is not root:
///
/// - While access control is on, nobody reads or writes a key without a right to it: one that was taken back
///   by the time of the call, and acknowledged so, is no right.
/// - Who has a right all the time is not turned away for want of it.
///
/// Serializable reads are judged by what the member knows, which may be the past.
///
/// What was asked for and not answered may happen at any time later, or never.
public final class AccessRules {
    private static final String NAME = "AccessRules";

    /// Something that is so, or is not.
    private sealed interface Fact {
        record Enabled() implements Fact {}

        record Member(String user, String role) implements Fact {}

        record Granted(String role, Permission permission) implements Fact {}
    }

    /// Made it so, or made it otherwise, at some time in between; [Operation#NEVER] when that is not known.
    private record Change(long called, long ended) {}

    /// All that was done to one fact.
    ///
    /// @param on      made it so, if they were done
    /// @param off     made it otherwise, if they were done
    /// @param perhaps may have made it otherwise, if they were done
    private record Changes(List<Change> on, List<Change> off, List<Change> perhaps) {
        Changes() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        /// Whether it may be so at some time in between.
        boolean mayHold(Change during) {
            return on.stream()
                    .anyMatch(one -> one.called() <= during.ended()
                            && off.stream()
                                    .noneMatch(other -> other.ended() != Operation.NEVER
                                            && other.called() >= one.ended()
                                            && other.ended() <= during.called()));
        }

        /// Whether it is surely so all the time in between.
        boolean holds(Change during) {
            return on.stream()
                    .anyMatch(one -> one.ended() <= during.called()
                            && isLeftAlone(off, one, during)
                            && isLeftAlone(perhaps, one, during));
        }

        private static boolean isLeftAlone(List<Change> others, Change since, Change during) {
            return others.stream()
                    .allMatch(other -> other.ended() <= since.called() || other.called() >= during.ended());
        }
    }

    /// What a request needs.
    private record Need(Use use, KeyRange range) {
        static Need of(Use use, ByteString key, ByteString end) {
            return new Need(use, KeyRange.of(key, end));
        }
    }

    private final History history;
    private final Map<Fact, Changes> facts = new HashMap<>();

    private AccessRules(History history) {
        this.history = history;
    }

    /// Holds all that users were told against all that was done to their rights.
    ///
    /// @throws Violation when somebody was told what he had no right to, or turned away in spite of one
    public static void check(History history) {
        if (history.operations().stream().allMatch(operation -> operation.user().equals(Operation.ROOT))) {
            return;
        }
        var rules = new AccessRules(history);
        // Whom a change takes something from must be known first.
        history.operations().forEach(rules::noteGrants);
        history.operations().forEach(rules::noteLosses);
        history.operations().forEach(rules::checkAnswer);
    }

    // ---- what was done to rights ----

    private Changes changes(Fact fact) {
        return facts.computeIfAbsent(fact, _ -> new Changes());
    }

    private static Change change(Operation operation) {
        return new Change(operation.called(), operation.ended());
    }

    private void noteGrants(Operation operation) {
        if (operation.outcome() instanceof Outcome.Refused) {
            return;
        }
        switch (operation.request()) {
            case AuthEnableRequest _ -> changes(new Fact.Enabled()).on().add(change(operation));
            case AuthUserGrantRoleRequest grant ->
                changes(new Fact.Member(grant.getUser(), grant.getRole())).on().add(change(operation));
            case AuthRoleGrantPermissionRequest grant ->
                changes(new Fact.Granted(grant.getName(), grant.getPerm())).on().add(change(operation));
            default -> {}
        }
    }

    private void noteLosses(Operation operation) {
        if (operation.outcome() instanceof Outcome.Refused) {
            return;
        }
        switch (operation.request()) {
            case AuthDisableRequest _ -> changes(new Fact.Enabled()).off().add(change(operation));
            case AuthUserRevokeRoleRequest revoke ->
                lose(operation, new Fact.Member(revoke.getName(), revoke.getRole())::equals);
            case AuthUserDeleteRequest delete ->
                lose(
                        operation,
                        fact -> fact instanceof Fact.Member one && one.user().equals(delete.getName()));
            case AuthRoleDeleteRequest delete ->
                lose(operation, fact -> switch (fact) {
                    case Fact.Enabled() -> false;
                    case Fact.Member one -> one.role().equals(delete.getRole());
                    case Fact.Granted one -> one.role().equals(delete.getRole());
                });
            case AuthRoleRevokePermissionRequest revoke ->
                lose(
                        operation,
                        fact -> fact instanceof Fact.Granted one
                                && one.role().equals(revoke.getRole())
                                && isOf(one.permission(), revoke.getKey(), revoke.getRangeEnd()));
            case AuthRoleGrantPermissionRequest grant -> replace(operation, grant);
            default -> {}
        }
    }

    private static boolean isOf(Permission permission, ByteString key, ByteString end) {
        return permission.getKey().equals(key) && permission.getRangeEnd().equals(end);
    }

    private void lose(Operation operation, Predicate<Fact> which) {
        facts.forEach((fact, changes) -> {
            if (which.test(fact)) {
                changes.off().add(change(operation));
            }
        });
    }

    /// Another right to the same range may take the place of the one before.
    private void replace(Operation operation, AuthRoleGrantPermissionRequest grant) {
        facts.forEach((fact, changes) -> {
            if (fact instanceof Fact.Granted(var role, var permission)
                    && role.equals(grant.getName())
                    && !permission.equals(grant.getPerm())
                    && isOf(
                            permission,
                            grant.getPerm().getKey(),
                            grant.getPerm().getRangeEnd())) {
                changes.perhaps().add(change(operation));
            }
        });
    }

    // ---- what users were told ----

    private void checkAnswer(Operation operation) {
        boolean isRoots = operation.user().equals(Operation.ROOT);
        if (isRoots || Requests.isAboutAccounts(operation.request()) || Requests.isSerializable(operation.request())) {
            return;
        }
        var needs = new ArrayList<Need>();
        addNeeds(operation.request(), needs);
        switch (operation.outcome()) {
            case Outcome.Answered _ -> {
                if (changes(new Fact.Enabled()).holds(change(operation))) {
                    requireRights(operation, needs);
                }
            }
            case Outcome.Refused(var _, var text) -> {
                if (text.equals(Refusal.PERMISSION_DENIED.text()) && !dependsOnLeases(operation.request())) {
                    requireReason(operation, needs);
                }
            }
            case Outcome.Unknown _ -> {}
        }
    }

    private void requireRights(Operation operation, List<Need> needs) {
        for (var need : needs) {
            var ranges = ranges(operation.user(), need.use(), changes -> changes.mayHold(change(operation)));
            if (!Access.covers(ranges, need.range())) {
                throw new Violation(
                        NAME,
                        Transcript.line(operation) + ": there was no right to " + need.use() + " " + need.range(),
                        history);
            }
        }
    }

    private void requireReason(Operation operation, List<Need> needs) {
        boolean hadAll = needs.stream().allMatch(need -> {
            var ranges = ranges(operation.user(), need.use(), changes -> changes.holds(change(operation)));
            return Access.covers(ranges, need.range());
        });
        if (hadAll) {
            throw new Violation(NAME, Transcript.line(operation) + ": all rights to it were there", history);
        }
    }

    /// To which a user has a right, as far as the facts for it are there.
    private List<KeyRange> ranges(String user, Use use, Predicate<Changes> isThere) {
        var ranges = new ArrayList<KeyRange>();
        facts.forEach((fact, changes) -> {
            if (fact instanceof Fact.Granted(var role, var permission)
                    && Access.isFor(permission, use)
                    && isThere.test(changes)
                    && isThere.test(facts.getOrDefault(new Fact.Member(user, role), new Changes()))) {
                ranges.add(KeyRange.of(permission.getKey(), permission.getRangeEnd()));
            }
        });
        return ranges;
    }

    // ---- what requests need ----

    private static void addNeeds(Message request, List<Need> needs) {
        switch (request) {
            case PutRequest put -> {
                needs.add(Need.of(Use.WRITE, put.getKey(), ByteString.EMPTY));
                if (put.getPrevKv()) {
                    needs.add(Need.of(Use.READ, put.getKey(), ByteString.EMPTY));
                }
            }
            case DeleteRangeRequest delete -> {
                needs.add(Need.of(Use.WRITE, delete.getKey(), delete.getRangeEnd()));
                if (delete.getPrevKv()) {
                    needs.add(Need.of(Use.READ, delete.getKey(), delete.getRangeEnd()));
                }
            }
            case RangeRequest range -> needs.add(Need.of(Use.READ, range.getKey(), range.getRangeEnd()));
            case TxnRequest txn -> {
                for (var compare : txn.getCompareList()) {
                    needs.add(Need.of(Use.READ, compare.getKey(), compare.getRangeEnd()));
                }
                txn.getSuccessList().forEach(op -> addNeeds(op, needs));
                txn.getFailureList().forEach(op -> addNeeds(op, needs));
            }
            default -> {}
        }
    }

    /// In both branches, and at every depth.
    private static void addNeeds(RequestOp op, List<Need> needs) {
        switch (op.getRequestCase()) {
            case REQUEST_RANGE -> addNeeds(op.getRequestRange(), needs);
            case REQUEST_PUT -> addNeeds(op.getRequestPut(), needs);
            case REQUEST_DELETE_RANGE -> addNeeds(op.getRequestDeleteRange(), needs);
            case REQUEST_TXN -> addNeeds(op.getRequestTxn(), needs);
            case REQUEST_NOT_SET -> {}
        }
    }

    /// Who hangs a key on a lease needs rights to all its keys.
    private static boolean dependsOnLeases(Message request) {
        return Requests.puts(request).stream().anyMatch(put -> put.getLease() != 0);
    }
}
