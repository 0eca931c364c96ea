package org.wherefore.rest.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.glassfish.jersey.internal.MapPropertiesDelegate;
import org.glassfish.jersey.server.ApplicationHandler;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.ContainerResponse;
import org.glassfish.jersey.server.ResourceConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.access.Role;

/** Who may do what, generated from the resources: every route has a rule, the rule holds, and ROLES.md shows it. */
class RoutesTest {
    private static final Set<String> SERVLET_METHODS = Set.of("service", "doGet", "doPost", "doPut", "doDelete", "doHead", "doOptions", "doTrace");
    @TempDir
    java.nio.file.Path home;

    /** @param servlet whether the JAX-RS whiteboard has nothing to do with it */
    record Route(String verb, String path, Method method, boolean servlet) {
        Allow allow() {
            return method.getAnnotation(Allow.class);
        }

        boolean open() {
            return method.isAnnotationPresent(Open.class);
        }
    }

    static List<Route> routes(Iterable<Class<?>> classes) throws Exception {
        List<Route> out = new ArrayList<>();
        for (Class<?> c : classes) {
            for (Method m : c.getDeclaredMethods()) {
                if (c.isAnnotationPresent(Path.class)) {
                    for (Annotation a : m.getAnnotations()) {
                        HttpMethod verb = a.annotationType().getAnnotation(HttpMethod.class);
                        if (verb != null) {
                            Path own = m.getAnnotation(Path.class);
                            out.add(new Route(verb.value(), Routes.join(c.getAnnotation(Path.class).value(), own == null ? "" : own.value()), m, false));
                        }
                    }
                } else if (HttpServlet.class.isAssignableFrom(c) && SERVLET_METHODS.contains(m.getName())) {
                    out.add(new Route(m.getName().equals("service") ? "*" : m.getName().substring(2).toUpperCase(Locale.ROOT),
                            (String) c.getDeclaredField("PATTERN").get(null), m, true));
                }
            }
        }
        out.sort(Comparator.comparing(Route::path).thenComparing(Route::verb));
        return out;
    }

    /** Every class of the bundle, so that a new one can't be forgotten. */
    private static List<Class<?>> classes() throws Exception {
        java.nio.file.Path root = java.nio.file.Path.of(Gate.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Class<?>> out = new ArrayList<>();
        try (Stream<java.nio.file.Path> all = Files.walk(root)) {
            for (java.nio.file.Path p : all.filter(f -> f.toString().endsWith(".class")).toList()) {
                out.add(Class.forName(root.relativize(p).toString().replace(java.io.File.separatorChar, '.').replaceAll("\\.class$", "")));
            }
        }
        return out;
    }

    private static List<String> withoutRule(List<Route> routes) {
        return routes.stream().filter(r -> r.open() == (r.allow() != null)).map(r -> r.verb + " " + r.path + " (" + r.method.getDeclaringClass().getSimpleName() + "." + r.method.getName() + ")").toList();
    }

    @Test
    void everyRouteHasARule() throws Exception {
        List<Route> all = routes(classes());
        assertThat(all).hasSizeGreaterThan(30);
        assertThat(withoutRule(all)).as("routes with neither @Allow nor @Open (or both); say who may use them, beside the method").isEmpty();
    }

    @Path("api/v1/forgotten")
    public static class Forgotten {
        @jakarta.ws.rs.GET
        @Path("{id}")
        public String read() {
            return "secret";
        }
    }

    @Test
    void aNewRouteWithoutARuleIsFoundAndRefusedToEverybody() throws Exception {
        assertThat(withoutRule(routes(List.of(Forgotten.class)))).containsExactly("GET /api/v1/forgotten/{id} (Forgotten.read)");
        Fakes fakes = new Fakes();
        Guard guard = new Guard(fakes.services);
        ApplicationHandler handler = new ApplicationHandler(new ResourceConfig().registerInstances(new Forgotten(), new ProblemMapper(),
                new Gate(fakes.services, guard, new Answers(home.resolve("answers")))));
        for (Role role : Role.values()) {
            assertThat(status(handler, "GET", "/api/v1/forgotten/1", "text/plain", role.text())).isEqualTo(403);
        }
        assertThat(status(handler, "OPTIONS", "/api/v1/forgotten/1", "text/plain", "admin")).isEqualTo(403);
        assertThat(status(handler, "GET", "/api/v1/forgotten/1", "text/plain", null)).isEqualTo(401);
    }

    @Test
    void everyRuleHoldsForEveryRole() throws Exception {
        Fakes fakes = new Fakes();
        Feed feed = new Feed();
        Jobs jobs = new Jobs(List.of(home), home.resolve("jobs"), fakes.services, feed);
        ApplicationHandler handler = RestTest.handler(fakes.services, jobs, feed, new Admission(2), home);
        int checked = 0;
        for (Route r : routes(classes())) {
            if (r.servlet) {
                continue;
            }
            String path = r.path.replace("{domain}", "ecommerce").replace("{kind}", "item").replaceAll("\\{[a-zA-Z]+}", "x1");
            Consumes consumes = r.method.getAnnotation(Consumes.class);
            String type = consumes == null ? null : consumes.value()[0];
            assertThat(status(handler, r.verb, path, type, null)).as(r.verb + " " + path + " without a key").matches(s -> r.open() ? s < 400 || s == 404 : s == 401);
            for (Role role : Role.values()) {
                int status = status(handler, r.verb, path, type, role.text());
                boolean may = r.open() || role == Role.ADMIN || Arrays.asList(r.allow().value()).contains(role);
                assertThat(status == 403).as(r.verb + " " + path + " as " + role.text() + " answers " + status).isNotEqualTo(may);
                assertThat(status).isNotEqualTo(401);
                checked++;
            }
        }
        jobs.stop();
        System.out.println("role x route: " + checked + " combinations checked");
    }

    private static int status(ApplicationHandler handler, String verb, String path, String type, String key) throws Exception {
        ContainerRequest request = new ContainerRequest(URI.create("http://x/"), URI.create("http://x" + path), verb, null, new MapPropertiesDelegate(), null);
        if (type != null) {
            request.setEntityStream(new ByteArrayInputStream((type.endsWith("json") ? "{}" : "x1").getBytes(StandardCharsets.UTF_8)));
            request.header("Content-Type", type);
        }
        if (key != null) {
            request.header("X-API-Key", key);
        }
        ContainerResponse response = handler.apply(request, new ByteArrayOutputStream()).get();
        return response.getStatus();
    }

    @Test
    void theContractHasTheSameRoutes() throws Exception {
        Set<String> declared = new TreeSet<>();
        JsonNode paths = new ObjectMapper().readTree(RoutesTest.class.getResource("openapi.json")).get("paths");
        paths.fields().forEachRemaining(p -> p.getValue().fieldNames().forEachRemaining(v -> {
            if (!v.equals("parameters")) {
                declared.add(v.toUpperCase(Locale.ROOT) + " " + p.getKey());
            }
        }));
        Set<String> routes = new TreeSet<>();
        routes(classes()).forEach(r -> routes.add(r.verb + " " + r.path));
        assertThat(routes).isEqualTo(declared);
    }

    @Test
    void rolesMdIsWhatTheResourcesSay() throws Exception {
        List<Role> roles = List.of(Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR);
        StringBuilder out = new StringBuilder("# Who may do what\n\nMade by `RoutesTest` from the rules beside the resources (`@Allow`, `@Open`); an `admin` may do all of it. "
                + "A route without a rule fails the build and is refused to\neverybody. *audited*: every use is in the audit trail before it is answered.\n\n| route |");
        roles.forEach(r -> out.append(' ').append(r.text()).append(" |"));
        out.append(" audited |\n|---|").append("---|".repeat(roles.size() + 1)).append('\n');
        for (Route r : routes(classes())) {
            out.append("| `").append(r.verb).append(' ').append(r.path).append("` |");
            for (Role role : roles) {
                out.append(r.open() ? " open |" : Arrays.asList(r.allow().value()).contains(role) ? " yes |" : " |");
            }
            out.append(!r.verb.equals("GET") && !r.open() && r.allow().audited() ? " yes |\n" : " |\n");
        }
        java.nio.file.Path file = java.nio.file.Path.of("ROLES.md");
        java.nio.file.Path made = java.nio.file.Path.of("target", "ROLES.md");
        Files.writeString(made, out);
        assertThat(Files.exists(file) ? Files.readString(file) : "").as("ROLES.md is stale: look at the change, then copy " + made + " over it").isEqualTo(out.toString());
    }
}
