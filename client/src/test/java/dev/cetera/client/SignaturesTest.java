package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.client.concurrency.Session;
import dev.cetera.client.leasing.Leasing;
import dev.cetera.client.mirror.Mirror;
import dev.cetera.client.namespace.Namespace;
import dev.cetera.client.naming.NamedServices;
import dev.cetera.client.naming.Naming;
import dev.cetera.client.ordering.OrderedKV;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Users of the client need not know what it is made of.
class SignaturesTest {
    private static final List<Class<?>> ONE_OF_EACH_PACKAGE = List.of(
            Client.class, Session.class, Leasing.class, Mirror.class, Namespace.class, OrderedKV.class, Naming.class);
    private static final List<Class<?>> DOORS = List.of(Stubs.class, NamedServices.class);

    @Test
    void noTypeOfALibraryIsInAPublicSignatureButThoseOfTheDoorsToGrpc() throws Exception {
        var strangers = new ArrayList<String>();
        int seen = 0;
        for (var known : ONE_OF_EACH_PACKAGE) {
            for (var type : publicClassesBeside(known)) {
                seen++;
                if (!DOORS.contains(type)) {
                    members(type)
                            .filter(member -> types(member).anyMatch(SignaturesTest::isStrange))
                            .forEach(member -> strangers.add(member.toString()));
                }
            }
        }
        assertThat(strangers).isEmpty();
        assertThat(seen).isGreaterThan(50);
    }

    private static Stream<Member> members(Class<?> type) {
        return Stream.<Member[]>of(type.getDeclaredMethods(), type.getDeclaredConstructors(), type.getDeclaredFields())
                .flatMap(Stream::of)
                .filter(member -> (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0);
    }

    private static Stream<Class<?>> types(Member member) {
        if (member instanceof Field field) {
            return Stream.of(field.getType());
        }
        var all = Stream.of(((Executable) member).getParameterTypes());
        return member instanceof Method method ? Stream.concat(all, Stream.of(method.getReturnType())) : all;
    }

    private static boolean isStrange(Class<?> type) {
        var plain = type.isArray() ? type.getComponentType() : type;
        var name = plain.getName();
        return !plain.isPrimitive()
                && !name.startsWith("java.")
                && !name.startsWith("javax.net.ssl.")
                && (!name.startsWith("dev.cetera.client.") || name.startsWith("dev.cetera.client.transport."))
                && !name.equals("dev.cetera.api.Refusal");
    }

    private static List<Class<?>> publicClassesBeside(Class<?> known)
            throws IOException, URISyntaxException, ClassNotFoundException {
        var root = Path.of(
                known.getProtectionDomain().getCodeSource().getLocation().toURI());
        var folder = root.resolve(known.getPackageName().replace('.', '/'));
        var found = new ArrayList<Class<?>>();
        try (var files = Files.list(folder)) {
            for (var file : files.map(each -> each.getFileName().toString()).toList()) {
                if (file.endsWith(".class") && !file.equals("package-info.class")) {
                    var type = Class.forName(known.getPackageName() + "." + file.substring(0, file.length() - 6));
                    if (isPublic(type)) {
                        found.add(type);
                    }
                }
            }
        }
        return found;
    }

    private static boolean isPublic(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            if (!Modifier.isPublic(each.getModifiers())) {
                return false;
            }
        }
        return true;
    }
}
