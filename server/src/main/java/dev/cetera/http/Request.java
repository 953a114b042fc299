package dev.cetera.http;

import com.google.protobuf.ByteString;
import io.netty.handler.codec.http.HttpHeaders;

/// What a page is asked. Immutable once it is there.
///
/// @param path without the query
record Request(String method, String path, HttpHeaders headers, ByteString body) {}
