/// Names of services, behind which the addresses of those who serve stand as keys. [Naming] puts addresses
/// there and takes them away; [NamedServices] tells channels of grpc-java of them. Laid out as by etcd's own
/// client, so that programs in Java and Go find each other.
@NullMarked
package dev.cetera.client.naming;

import org.jspecify.annotations.NullMarked;
