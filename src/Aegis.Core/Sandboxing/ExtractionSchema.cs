using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Aegis.Sandboxing;

namespace Aegis;

/// <summary>
/// What may be taken out of a document: a small part of JSON Schema in which everything has a bound. An object says <c>properties</c>, <c>required</c> and
/// <c>additionalProperties: false</c>; a string <c>maxLength</c> (and <c>minLength</c>, at least 1) or <c>enum</c>; an integer or a number <c>minimum</c> and <c>maximum</c> if it
/// likes; an array <c>items</c> and <c>maxItems</c>; a boolean nothing; each a <c>description</c> if it likes. Anything else is refused, since it would not be enforced.
/// Immutable.
/// </summary>
public sealed class ExtractionSchema
{
    private const string Unfit = "Reads the type's members by reflection. Pass a JsonTypeInfo of a JsonSerializerContext.";

    private static readonly ConditionalWeakTable<JsonTypeInfo, ExtractionSchema> OfTypes = [];

    private readonly Lazy<JsonElement> _json;

    internal ExtractionSchema(ExtractionNode root)
    {
        Root = root;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            SchemaWriter.Write(json, root);
        }

        Text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        _json = new(() =>
        {
            using var document = JsonDocument.Parse(Text);
            return document.RootElement.Clone();
        });
    }

    /// <summary>The schema as JSON, for a model.</summary>
    public JsonElement Json => _json.Value;

    internal ExtractionNode Root { get; }

    internal string Text { get; }

    /// <summary>Characters of a reply, at most: all its values as long as they may be, every character escaped, and as much again to lay it out.</summary>
    internal long MaxReply => (2 * Root.Characters) + 1_000;

    /// <summary>Reads a schema.</summary>
    /// <param name="json">The schema. At most 8 levels, 256 members, 256 texts and 4,096 values altogether.</param>
    /// <returns>The schema.</returns>
    /// <exception cref="ExtractionSchemaException">It is no JSON, or says something that is not enforced; all mistakes are named.</exception>
    public static ExtractionSchema Parse([StringSyntax(StringSyntaxAttribute.Json)] string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false });
            return Parse(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new ExtractionSchemaException(["$: is no JSON, or has a member twice."]);
        }
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static ExtractionSchema Parse(JsonElement json)
    {
        var mistakes = new List<string>();
        try
        {
            return Made(new SchemaReader(mistakes).Read(json), mistakes);
        }
        catch (InvalidOperationException)
        {
            throw new ExtractionSchemaException(["$: has a name with a lone surrogate."]);
        }
    }

    /// <summary>
    /// The schema of a type. Its texts are <see cref="Untrusted{T}"/> of <see cref="string"/>; enumerations (as words), numbers, booleans, lists and other such types may stand in it. Lengths are those of
    /// <c>[MaxLength]</c> or <c>[StringLength]</c>, ranges of <c>[Range]</c>; in a list <c>[MaxLength]</c> is for the items' number, <c>[StringLength]</c> for each of them. A member that may be null may be
    /// left out, unless it is <c>required</c>; every other one must be there. <c>[Description]</c> tells the model what it is.
    /// </summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The schema.</returns>
    /// <exception cref="ExtractionSchemaException">A member cannot be enforced, for example a plain string; all mistakes are named.</exception>
    [RequiresUnreferencedCode(Unfit)]
    [RequiresDynamicCode(Unfit)]
    public static ExtractionSchema Of<T>() => Of(JsonSerializerOptions.Default.GetTypeInfo(typeof(T)));

    /// <inheritdoc cref="Of{T}()"/>
    /// <param name="type">The type, as its serializer knows it.</param>
    public static ExtractionSchema Of(JsonTypeInfo type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return OfTypes.GetValue(type, static type =>
        {
            var mistakes = new List<string>();
            return Made(new TypeReader(mistakes).Read(type), mistakes);
        });
    }

    /// <summary>Its shape.</summary>
    /// <returns>The schema as JSON.</returns>
    public override string ToString() => Text;

    private static ExtractionSchema Made(ExtractionNode? root, List<string> mistakes)
    {
        if (mistakes.Count == 0 && root is not null)
        {
            SchemaLimits.Check(root, mistakes);
        }

        return mistakes.Count > 0 ? throw new ExtractionSchemaException(mistakes) : new(root!);
    }
}
