using Aegis.Scanning.Classifying;

namespace Aegis.Core.Tests.Scanning.Classifying;

public class LinearModelTests
{
    [Fact]
    public void WhatIsWrittenIsRead()
    {
        using var file = new MemoryStream();
        new LinearModel(-7, [1, -128, 127], new([(0, 0.25), (8, 0.75)])).Write(new(file));
        file.Position = 0;
        var read = LinearModel.Read(new(file));
        Assert.Equal((-7, 0.5), (read.Bias, read.Curve.Of(4)));
        Assert.Equal<sbyte>([1, -128, 127], read.Weights);
    }
}
