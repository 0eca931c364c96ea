package org.wherefore.http.internal;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * What Jetty itself refuses, before any servlet sees it (headers that are too large, addresses with hidden steps, broken HTTP), is a problem
 * (RFC 9457) like everything else, without a stack trace or a page. The factory for connectors is the one place where the HTTP service
 * shows its server; the connector it gets listens nowhere. Thread-safe.
 */
@Component(service = ConnectorFactory.class)
public class JettyProblems implements ConnectorFactory {
    @Activate
    public JettyProblems() {}

    @Override
    public Connector createConnector(Server server) {
        server.setErrorHandler(new Problems());
        return new LocalConnector(server);
    }

    private static final class Problems extends ErrorHandler {
        @Override
        public void handle(String target, Request base, HttpServletRequest request, HttpServletResponse response) throws IOException {
            base.setHandled(true);
            response.setContentType("application/problem+json");
            response.setHeader("Cache-Control", "no-store");
            response.getOutputStream().write(problem(response.getStatus()));
        }

        @Override
        public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
            fields.put(HttpHeader.CONTENT_TYPE, "application/problem+json");
            return ByteBuffer.wrap(problem(status));
        }

        /** Nothing of the request is repeated. */
        private static byte[] problem(int status) {
            String[] code = switch (status) {
                case 404 -> new String[] {"not-found", "Not found", "there is no such address; /openapi.json lists those there are"};
                case 405 -> new String[] {"method-not-allowed", "Method not allowed", "this address does not answer that method"};
                case 413 -> new String[] {"too-large", "Too large", "the body is larger than is read here"};
                case 414 -> new String[] {"too-large", "Too large", "the address is longer than is read here"};
                case 431 -> new String[] {"too-large", "Too large", "the headers are larger than is read here"};
                case 503 -> new String[] {"overloaded", "Overloaded", "the server is starting, stopping or busy; try again in a moment"};
                default -> status >= 500 ? new String[] {"internal", "Internal error", "an unexpected error; the log has it"}
                        : new String[] {"bad-request", "Bad request", "the request could not be understood: its address, its headers or its framing are not what HTTP allows here"};
            };
            return ("{\"type\":\"/problems/" + code[0] + "\",\"title\":\"" + code[1] + "\",\"status\":" + (HttpStatus.getCode(status) == null ? 400 : status)
                    + ",\"detail\":\"" + code[2] + "\",\"errors\":[],\"traceId\":\"" + UUID.randomUUID().toString().replace("-", "") + "\"}")
                    .getBytes(StandardCharsets.UTF_8);
        }
    }
}
