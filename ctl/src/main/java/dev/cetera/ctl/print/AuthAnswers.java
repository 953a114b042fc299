package dev.cetera.ctl.print;

import com.google.protobuf.ByteString;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AuthRoleGetResponse;
import dev.cetera.api.etcdserverpb.AuthRoleListResponse;
import dev.cetera.api.etcdserverpb.AuthUserGetResponse;
import dev.cetera.api.etcdserverpb.AuthUserListResponse;
import java.util.stream.Collectors;

/// Answers about users and roles.
public final class AuthAnswers {
    private AuthAnswers() {}

    public static Answer user(String name, AuthUserGetResponse answer) {
        return Answer.of(answer, out -> {
            out.line("User: " + name);
            out.line(answer.getRolesList().stream()
                    .map(role -> " " + role)
                    .collect(Collectors.joining("", "Roles:", "")));
        });
    }

    public static Answer users(AuthUserListResponse answer) {
        return Answer.of(answer, out -> answer.getUsersList().forEach(out::line));
    }

    public static Answer roles(AuthRoleListResponse answer) {
        return Answer.of(answer, out -> answer.getRolesList().forEach(out::line))
                .withFields(out -> {
                    Answer.header(out, answer.getHeader());
                    out.line(answer.getRolesList().stream()
                            .map(role -> " " + GoText.quoted(role))
                            .collect(Collectors.joining("", "\"Roles\" :", "")));
                });
    }

    public static Answer role(String name, AuthRoleGetResponse answer) {
        return Answer.of(answer, out -> {
                    out.line("Role " + name);
                    out.line("KV Read:");
                    permissions(out, answer, Permission.Type.READ);
                    out.line("KV Write:");
                    permissions(out, answer, Permission.Type.WRITE);
                })
                .withFields(out -> {
                    Answer.header(out, answer.getHeader());
                    for (var each : answer.getPermList()) {
                        out.field("PermType", " " + each.getPermType().name());
                        out.field("Key", GoText.quoted(each.getKey()));
                        out.field("RangeEnd", GoText.quoted(each.getRangeEnd()));
                    }
                });
    }

    private static void permissions(Out out, AuthRoleGetResponse answer, Permission.Type type) {
        for (var each : answer.getPermList()) {
            if (each.getPermType() == type || each.getPermType() == Permission.Type.READWRITE) {
                out.raw(ByteString.copyFromUtf8("\t").concat(span(each)).concat(ByteString.copyFromUtf8("\n")));
            }
        }
    }

    private static ByteString span(Permission each) {
        var key = each.getKey();
        var end = each.getRangeEnd();
        if (end.isEmpty()) {
            return key;
        }
        var text = ByteString.copyFromUtf8("[").concat(key).concat(ByteString.copyFromUtf8(", "));
        text = end.equals(Ranges.NO_END)
                ? text.concat(ByteString.copyFromUtf8("<open ended>"))
                : text.concat(end).concat(ByteString.copyFromUtf8(")"));
        return end.equals(Ranges.prefixEnd(key))
                ? text.concat(ByteString.copyFromUtf8(" (prefix ")).concat(key).concat(ByteString.copyFromUtf8(")"))
                : text;
    }
}
