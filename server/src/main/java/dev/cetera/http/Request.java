package dev.cetera.http;

import com.google.protobuf.ByteString;
import io.netty.handler.codec.http.HttpHeaders;

/// What a page is asked. Immutable once it is there.
///
/// @param path  without the query
/// @param query without the question mark; may be empty
record Request(String method, String path, String query, HttpHeaders headers, ByteString body) {}
