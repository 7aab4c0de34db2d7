namespace Aegis.OpenTelemetry.Tests.Otlp;

/// <summary>A point of a metric as it arrived: the sum of a counter, or how many values a histogram has had.</summary>
internal sealed record OtlpPoint(string Meter, string Name, string Unit, ulong Value, double Sum, IReadOnlyDictionary<string, object?> Attributes, IReadOnlyDictionary<string, object?> Resource)
{
    public static IEnumerable<OtlpPoint> From(byte[] body) =>
        from resource in new Proto(body).All(1)
        from scope in resource.All(2)
        from metric in scope.All(2)
        from point in (metric.One(7)?.All(1).Select(static point => (Value: point.Number(6), Sum: 0.0, Attributes: point.Attributes(7))) ?? [])
            .Concat(metric.One(9)?.All(1).Select(static point => (Value: point.Number(4), Sum: point.Double(5), Attributes: point.Attributes(9))) ?? [])
        select new OtlpPoint(scope.One(1)!.Text(1), metric.Text(1), metric.Text(3), point.Value, point.Sum, point.Attributes, resource.One(1)!.Attributes(1));

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute) as string;
}
