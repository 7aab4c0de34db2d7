using System.Text.Json.Serialization;

namespace Aegis.Core.Tests.Sandboxing;

/// <summary>A choice, as words.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Kind>))]
internal enum Kind
{
    Invoice,

    [JsonStringEnumMemberName("credit note")]
    CreditNote,
}
