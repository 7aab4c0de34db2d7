namespace Aegis.Judging;

/// <summary>Makes a judge of what the services have, in a framework's own words.</summary>
internal interface IJudgeFinder
{
    /// <summary>The judge; null: the services have none.</summary>
    IJudge? Find(IServiceProvider services, TimeProvider time);
}
