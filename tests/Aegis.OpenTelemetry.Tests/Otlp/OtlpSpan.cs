namespace Aegis.OpenTelemetry.Tests.Otlp;

/// <summary>A span as it arrived.</summary>
internal sealed record OtlpSpan(string Source, string Name, string Trace, string Id, string Parent, IReadOnlyDictionary<string, object?> Attributes, IReadOnlyList<OtlpSpan.Event> Events, ulong Status, IReadOnlyDictionary<string, object?> Resource)
{
    public static IEnumerable<OtlpSpan> From(byte[] body) =>
        from resource in new Proto(body).All(1)
        from scope in resource.All(2)
        from span in scope.All(2)
        select new OtlpSpan(
            scope.One(1)!.Text(1),
            span.Text(5),
            span.Hex(1),
            span.Hex(2),
            span.Hex(4),
            span.Attributes(9),
            [.. span.All(11).Select(static e => new Event(e.Text(2), e.Attributes(3)))],
            span.One(15)?.Number(3) ?? 0,
            resource.One(1)!.Attributes(1));

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute) as string;

    internal sealed record Event(string Name, IReadOnlyDictionary<string, object?> Attributes);
}
