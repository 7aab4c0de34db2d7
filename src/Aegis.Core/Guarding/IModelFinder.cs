namespace Aegis.Guarding;

/// <summary>Makes helpers of the models that the services have, in a framework's own words.</summary>
internal interface IModelFinder
{
    /// <summary>The judge; null: the services have none.</summary>
    IJudge? FindJudge(IServiceProvider services, TimeProvider time);

    /// <summary>Who takes data out of texts; null: the services have nobody.</summary>
    IExtractor? FindExtractor(IServiceProvider services, TimeProvider time);
}
