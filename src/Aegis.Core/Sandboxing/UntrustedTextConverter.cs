using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Sandboxing;

/// <summary>Reads the texts of one document as what they are.</summary>
internal sealed class UntrustedTextConverter(string source) : JsonConverter<Untrusted<string>>
{
    public override Untrusted<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Untrusted.From(reader.GetString() ?? throw new JsonException(), source);

    public override void Write(Utf8JsonWriter writer, Untrusted<string> value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
