package org.wherefore.console.internal;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Serves the console's three files from memory. Thread-safe; anything else is a 404. */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.name=wherefore.console",
        "osgi.http.whiteboard.servlet.pattern=/console",
        "osgi.http.whiteboard.servlet.pattern=/console/*"})
public class ConsoleServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Map<String, String> TYPES = Map.of("index.html", "text/html;charset=UTF-8", "console.js",
            "text/javascript;charset=UTF-8", "console.css", "text/css;charset=UTF-8");
    private final transient Map<String, byte[]> files = new HashMap<>();

    @Activate
    public ConsoleServlet() throws IOException {
        for (String name : TYPES.keySet()) {
            try (InputStream in = ConsoleServlet.class.getResourceAsStream("static/" + name)) {
                files.put(name, in.readAllBytes());
            }
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String uri = request.getRequestURI();
        String context = request.getContextPath() == null ? "" : request.getContextPath();
        String path = uri.startsWith(context) ? uri.substring(context.length()) : uri;
        if (!path.startsWith("/console/")) {
            response.setStatus(302);
            response.setHeader("Location", context + "/console/");
            return;
        }
        String name = path.equals("/console/") ? "index.html" : path.substring("/console/".length());
        byte[] file = files.get(name);
        if (file == null) {
            response.sendError(404);
            return;
        }
        response.setContentType(TYPES.get(name));
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        response.setContentLength(file.length);
        response.getOutputStream().write(file);
    }
}
