using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis;

/// <summary>Writes where an untrusted value came from in place of the value, and reads none: JSON that somebody sent does not say where it came from.</summary>
public sealed class UntrustedJsonConverter : JsonConverter<Untrusted>
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeof(Untrusted).IsAssignableFrom(typeToConvert);

    /// <inheritdoc/>
    public override Untrusted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("An untrusted value is not read from JSON. Read its value, and wrap it with Untrusted.From.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Untrusted value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStringValue(value.ToString());
    }

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, Untrusted value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WritePropertyName(value.ToString());
    }
}
