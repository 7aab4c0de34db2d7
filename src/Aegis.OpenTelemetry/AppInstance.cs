namespace Aegis.Telemetry;

/// <summary>Which app it is, as attributes of a resource: what audit records say too.</summary>
internal static class AppInstance
{
    public const string Instance = "aegis.instance";
    public const string Region = "aegis.region";

    public static IEnumerable<KeyValuePair<string, object>> Of(string? instance, string? region)
    {
        yield return new(Instance, instance ?? AegisBuilder.Said("AEGIS_INSTANCE") ?? Environment.MachineName);
        if ((region ?? AegisBuilder.Said("AEGIS_REGION")) is { } place)
        {
            yield return new(Region, place);
        }
    }
}
