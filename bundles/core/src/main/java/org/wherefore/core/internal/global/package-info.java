/** What a model looks at overall: measured on held-out people, by changing everybody's input and by adding up their explanations. */
package org.wherefore.core.internal.global;
