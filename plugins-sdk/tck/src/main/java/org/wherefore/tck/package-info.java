/**
 * Contract tests of plugins. Subclass the one for what you implement, give it your plugin, run it with JUnit 5: each test's
 * name is a rule, each failure says what to change. {@code ExplainerContract}, {@code EngineContract} (with
 * {@code ModelContract}, and {@code TableEngineContract} for rows of tables), {@code FeatureExtractorContract},
 * {@code TableExtractorContract}, {@code ImageExtractorContract}, {@code DataConnectorContract}, {@code DomainPackContract}.
 */
@Export
@Version("1.1.0")
package org.wherefore.tck;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
