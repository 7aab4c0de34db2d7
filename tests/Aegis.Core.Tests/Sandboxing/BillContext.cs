using System.Text.Json.Serialization;

namespace Aegis.Core.Tests.Sandboxing;

[JsonSerializable(typeof(Bill))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class BillContext : JsonSerializerContext;
